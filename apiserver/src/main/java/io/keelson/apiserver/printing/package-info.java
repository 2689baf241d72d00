/**
 * What {@code kubectl get} shows: the columns of every built-in kind, those of kinds that state none, and how ages,
 * selectors and lists are written in them. Columns are shown by the server in a {@code Table}; they read objects and change
 * nothing.
 */
@NullMarked
package io.keelson.apiserver.printing;

import org.jspecify.annotations.NullMarked;
