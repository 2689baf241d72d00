/**
 * What an operator says to the server: etcd's flags, environment variables and configuration file, read with etcd's
 * rules into one {@link io.keelson.kvstore.server.config.ServerConfig}.
 */
@NullMarked
package io.keelson.kvstore.server.config;

import org.jspecify.annotations.NullMarked;
