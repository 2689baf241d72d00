/**
 * Jobs that go some time after they have ended, if {@code spec.ttlSecondsAfterFinished} says so. In come Jobs, out go
 * deletions, in the foreground, so that their pods go first.
 */
@NullMarked
package io.keelson.controllers.ttlafterfinished;

import org.jspecify.annotations.NullMarked;
