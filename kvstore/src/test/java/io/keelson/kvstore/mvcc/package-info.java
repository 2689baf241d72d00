@NullMarked
package io.keelson.kvstore.mvcc;

import org.jspecify.annotations.NullMarked;
