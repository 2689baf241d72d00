/**
 * Tests of the way to the runtime, and a runtime to test with: {@link io.keelson.agent.cri.FakeRuntime} answers as one does,
 * but its containers do what a test says.
 */
@NullMarked
package io.keelson.agent.cri;

import org.jspecify.annotations.NullMarked;
