/** What is written for etcd, and has never heard of Keelson, at work on it. */
@NullMarked
package io.keelson.kvstore.clients;

import org.jspecify.annotations.NullMarked;
