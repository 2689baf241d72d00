/** What expressions that select devices may name, and how they are compiled by those who check them when they are written. */
@NullMarked
package io.keelson.apiserver.cel.devices;

import org.jspecify.annotations.NullMarked;
