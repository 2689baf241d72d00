/** Strategies of the flow control group. */
@NullMarked
package io.keelson.apiserver.kinds.flow;

import org.jspecify.annotations.NullMarked;
