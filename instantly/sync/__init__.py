"""Mirror of campaigns and email accounts of a workspace."""
