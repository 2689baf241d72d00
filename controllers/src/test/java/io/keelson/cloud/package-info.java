@NullMarked
package io.keelson.cloud;

import org.jspecify.annotations.NullMarked;
