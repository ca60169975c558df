"""What is not seconds: how near to the best a plan comes, how true a formula is."""
