/** What the client repeats and what it never does, against servers that misbehave on purpose. */
@NullMarked
package io.keelson.kvstore.client;

import org.jspecify.annotations.NullMarked;
