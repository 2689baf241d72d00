/** What is claimed about etcd's file format: against files of a real etcd, random content, and damage. */
@NullMarked
package io.keelson.kvstore.bolt;

import org.jspecify.annotations.NullMarked;
