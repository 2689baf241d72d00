/** Tests of autoscalers. */
@NullMarked
package io.keelson.controllers.podautoscaler;

import org.jspecify.annotations.NullMarked;
