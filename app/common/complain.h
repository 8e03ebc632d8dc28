/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _COMPLAIN_H_
#define _COMPLAIN_H_

/** Exit code beside EXIT_SUCCESS and EXIT_FAILURE: an argument is wrong. */
#define EXIT_USAGE 2

/** One line on standard error, behind the program's name. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** Says where the command comes from that is complained about next: "FILE:LINE: ", or "". */
void complain_about(const char *where);

#endif /* _COMPLAIN_H_ */
