/** Pods and runs that tests are made of. */
@NullMarked
package io.keelson.agent.pods;

import org.jspecify.annotations.NullMarked;
