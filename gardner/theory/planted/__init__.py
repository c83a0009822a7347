"""The teacher–student (planted) setting: crystalline order, branches, generalization."""
