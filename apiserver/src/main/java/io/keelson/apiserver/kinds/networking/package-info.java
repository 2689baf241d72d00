/** Strategies of the networking and discovery groups. */
@NullMarked
package io.keelson.apiserver.kinds.networking;

import org.jspecify.annotations.NullMarked;
