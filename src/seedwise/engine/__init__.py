"""Running a design: resolve, schedule, execute; results go to the store alone."""
