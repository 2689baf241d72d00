/**
 * The provider {@code file}: machines and routes that people wrote down, for racks of machines that no cloud knows.
 *
 * <p>{@link io.keelson.cloud.file.WatchedFile} reads the file again when it changes; {@link
 * io.keelson.cloud.file.Inventory} is what stands in it. A version with a mistake is refused, and what was known before
 * holds on. The file is the truth about routes as well: this provider makes none, and says which are missing or too
 * many.
 */
@NullMarked
package io.keelson.cloud.file;

import org.jspecify.annotations.NullMarked;
