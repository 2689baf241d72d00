/** The embedded runtime. */
@NullMarked
package io.keelson.agent.embedded;

import org.jspecify.annotations.NullMarked;
