@NullMarked
package io.keelson.kvstore.server;

import org.jspecify.annotations.NullMarked;
