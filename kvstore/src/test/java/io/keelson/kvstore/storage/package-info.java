@NullMarked
package io.keelson.kvstore.storage;

import org.jspecify.annotations.NullMarked;
