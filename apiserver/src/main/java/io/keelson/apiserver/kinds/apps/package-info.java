/** Strategies of the apps group: kinds that keep pods running. */
@NullMarked
package io.keelson.apiserver.kinds.apps;

import org.jspecify.annotations.NullMarked;
