/**
 * The server as a whole: what its flags say, what it is put together from, in which order its parts start and stop, and
 * what it makes sure is there once it serves (namespaces, roles, the Service {@code kubernetes}). {@link
 * io.keelson.apiserver.server.ApiServer} is the place to begin reading.
 */
@NullMarked
package io.keelson.apiserver.server;

import org.jspecify.annotations.NullMarked;
