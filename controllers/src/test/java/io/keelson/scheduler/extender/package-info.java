@NullMarked
package io.keelson.scheduler.extender;

import org.jspecify.annotations.NullMarked;
