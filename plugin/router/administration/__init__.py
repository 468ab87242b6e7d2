"""What people do to policies and destinations: checked, saved as revisions, put in force."""
