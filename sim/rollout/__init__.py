"""Rollout: funded projects are built by crews; an event log comes out."""
