@NullMarked
package io.keelson.dist.join;

import org.jspecify.annotations.NullMarked;
