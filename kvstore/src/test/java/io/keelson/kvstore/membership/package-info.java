@NullMarked
package io.keelson.kvstore.membership;

import org.jspecify.annotations.NullMarked;
