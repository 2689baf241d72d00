@NullMarked
package io.keelson.kvstore.server.config;

import org.jspecify.annotations.NullMarked;
