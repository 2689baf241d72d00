/** Tests of what lies close together. */
@NullMarked
package io.keelson.agent.resources.topology;

import org.jspecify.annotations.NullMarked;
