/**
 * Archives as bytes: tar in all the forms that layers of images come in (ustar, PAX, GNU, sparse), and what they are
 * compressed with. Names, and values of extended attributes, stay the bytes that they are; what an archive claims of
 * itself is held in memory only up to a limit, and damage is told with the place where it is. Nothing here touches a
 * disk.
 */
@NullMarked
package io.keelson.agent.embedded.images.tar;

import org.jspecify.annotations.NullMarked;
