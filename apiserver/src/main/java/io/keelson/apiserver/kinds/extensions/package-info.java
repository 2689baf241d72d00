/** Strategies of what extends the server: aggregated services. */
@NullMarked
package io.keelson.apiserver.kinds.extensions;

import org.jspecify.annotations.NullMarked;
