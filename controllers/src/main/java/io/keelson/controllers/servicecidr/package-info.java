/**
 * The room of the ranges that Services have their addresses from. A ServiceCIDR gets a finalizer and is said to be ready; one
 * that is to be deleted waits until no address lies in it alone. ServiceCIDRs and IPAddresses come in; {@link
 * io.keelson.controllers.servicecidr.Ranges} says which ranges an address lies in.
 */
@NullMarked
package io.keelson.controllers.servicecidr;

import org.jspecify.annotations.NullMarked;
