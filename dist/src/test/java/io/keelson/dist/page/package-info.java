@NullMarked
package io.keelson.dist.page;

import org.jspecify.annotations.NullMarked;
