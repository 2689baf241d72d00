/**
 * How long the proxy's rules take to be written and to be passed: {@link io.keelson.benchmarks.proxy.ProxyBenchCommand} lets {@link
 * io.keelson.proxy.nft.NftForwarding} write those of many Services into the kernel of a network namespace, changes some, and sends
 * first packets of connections.
 */
@NullMarked
package io.keelson.benchmarks.proxy;

import org.jspecify.annotations.NullMarked;
