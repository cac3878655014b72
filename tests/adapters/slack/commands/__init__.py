"""What people ask of Ellie on Slack by commands, buttons, forms and the Home tab."""
