"""Commands of ``rollout``, one module a subject; ``sim.cli`` puts them together."""
