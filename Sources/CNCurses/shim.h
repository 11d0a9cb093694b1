// What of ncurses and the terminal line Swift cannot reach by itself: macros, globals and variadic functions.

#ifndef RLM_CNCURSES_SHIM_H
#define RLM_CNCURSES_SHIM_H

#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif

#if __has_include(<ncursesw/curses.h>)
#include <ncursesw/curses.h>
#else
#include <curses.h>
#endif

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

// Declared here because <term.h> fills the name space with macros for every capability.
extern char *tigetstr(const char *);
extern int tigetnum(const char *);
extern int tigetflag(const char *);
extern int setupterm(const char *, int, int *);
extern int del_curterm(struct term *);
extern struct term *set_curterm(struct term *);

static inline WINDOW *rlm_standard_screen(void) { return stdscr; }
static inline int rlm_colors(void) { return COLORS; }
static inline int rlm_color_pairs(void) { return COLOR_PAIRS; }

static inline attr_t rlm_bold(void) { return A_BOLD; }
static inline attr_t rlm_dim(void) { return A_DIM; }
static inline attr_t rlm_italic(void) { return A_ITALIC; }
static inline attr_t rlm_underline(void) { return A_UNDERLINE; }
static inline attr_t rlm_reverse(void) { return A_REVERSE; }

/// Declared by <wchar.h> under feature macros that modules do not see.
extern int wcwidth(wchar_t);
static inline int rlm_width(wchar_t character) { return wcwidth(character); }

/// Makes a cell. `characters` ends with 0: a spacing character and at most four that take no column.
/// ERR where ncurses would not have the characters.
static inline int rlm_make_cell(
    cchar_t *cell, const wchar_t *characters, attr_t attributes, int pair) {
    if (characters[0] == 0) return ERR;
    return setcchar(cell, characters, attributes, 0, &pair);
}

/// The same for one character without marks; ERR where the C library counts other than `width` columns for it.
static inline int rlm_make_character(cchar_t *cell, wchar_t character, int width, attr_t attributes, int pair) {
    if (wcwidth(character) != width) return ERR;
    wchar_t characters[2] = {character, 0};
    return setcchar(cell, characters, attributes, 0, &pair);
}

/// Columns and rows the kernel says the terminal has; 0 where it does not know.
static inline int rlm_window_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

static inline const char *rlm_codeset(void) { return nl_langinfo(CODESET); }

#endif
