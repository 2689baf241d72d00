@NullMarked
package io.keelson.cloud.local;

import org.jspecify.annotations.NullMarked;
