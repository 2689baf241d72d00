@NullMarked
package io.keelson.dist.up;

import org.jspecify.annotations.NullMarked;
