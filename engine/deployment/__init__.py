"""What a deployment goes through: read the files, check what they refer to, store what is new, arm what starts."""
