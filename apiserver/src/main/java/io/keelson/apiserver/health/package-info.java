/**
 * Whether this server is alive ({@code /livez}), ready for requests ({@code /readyz}), or both as older clients ask for it
 * ({@code /healthz}): a list of named checks, each of which can be asked for by itself or left out.
 */
@NullMarked
package io.keelson.apiserver.health;

import org.jspecify.annotations.NullMarked;
