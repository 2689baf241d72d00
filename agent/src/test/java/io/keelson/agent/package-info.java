/**
 * The agent as a whole, against a real API server in this JVM and a runtime that a test plays; and what tests of pods
 * are made with.
 */
@NullMarked
package io.keelson.agent;

import org.jspecify.annotations.NullMarked;
