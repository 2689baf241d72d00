@NullMarked
package io.keelson.kvstore.apply;

import org.jspecify.annotations.NullMarked;
