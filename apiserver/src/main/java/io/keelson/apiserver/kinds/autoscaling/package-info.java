/** Strategies of the autoscaling group, and the conversion between its versions. */
@NullMarked
package io.keelson.apiserver.kinds.autoscaling;

import org.jspecify.annotations.NullMarked;
