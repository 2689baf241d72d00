@NullMarked
package io.keelson.dist.history;

import org.jspecify.annotations.NullMarked;
