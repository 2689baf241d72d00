@NullMarked
package io.keelson.dist.up.check;

import org.jspecify.annotations.NullMarked;
