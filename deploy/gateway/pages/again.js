/* Back to the form as it was left, which then says that it may be sent again. */
sessionStorage.setItem('seodang:unanswered', '1');
history.back();
