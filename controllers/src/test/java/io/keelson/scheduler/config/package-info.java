@NullMarked
package io.keelson.scheduler.config;

import org.jspecify.annotations.NullMarked;
