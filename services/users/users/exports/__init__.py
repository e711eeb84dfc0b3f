"""Personal data export."""
