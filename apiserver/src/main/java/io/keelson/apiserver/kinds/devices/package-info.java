/** Strategies of the resource group: devices, and claims for them. */
@NullMarked
package io.keelson.apiserver.kinds.devices;

import org.jspecify.annotations.NullMarked;
