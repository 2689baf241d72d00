/**
 * Addresses and ports that Services get, so that no two get the same, however many API servers there are.
 * <pre>
 *  rest ──► ServiceAllocator ──► FamilyRules        which families a Service has addresses of
 *              │                 ClusterAddresses   an IPAddress object for each; who creates it has the address
 *              │                    └─ ServiceRanges   out of the ServiceCIDR objects
 *              └───────────────► NodePorts          one value in the store, a bit for each port, replaced if unchanged
 *
 *  Rounds ──► AddressRepair, PortRepair             what was lost or left over when somebody died half-way
 * </pre>
 * <p>What is taken is taken before the Service is written, and given back after it is gone. In between a server may die:
 * then an address or a port is taken by nobody, never by two, and repair finds it later.
 */
@NullMarked
package io.keelson.apiserver.services;

import org.jspecify.annotations.NullMarked;
