/** What a committed command does: the commands and their encoding, and the state machine that carries them out. */
@NullMarked
package io.keelson.kvstore.apply;

import org.jspecify.annotations.NullMarked;
