/** What people type about images: {@code keelson image import|list|pull|rm|export|prune}. */
@NullMarked
package io.keelson.agent.embedded.images.command;

import org.jspecify.annotations.NullMarked;
