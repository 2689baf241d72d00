/** Rules as the kernel has them, and what packets make of them. */
@NullMarked
package io.keelson.proxy.nft;

import org.jspecify.annotations.NullMarked;
